"""`python -m itops`: the same door as the `itops` command."""

from itops.cli.main import main

main()
