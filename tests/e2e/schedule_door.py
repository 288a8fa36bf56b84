"""`python -m tests.e2e.schedule_door daemon|tick`: the daemon and the single tick as the command line starts them."""

from itops.cli import main as door

door.COMMANDS["daemon"] = ("itops.cli.schedule_run:run", "")
door.COMMANDS["tick"] = ("itops.cli.tick:tick", "")
door.main()
