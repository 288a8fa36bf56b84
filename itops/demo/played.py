"""`python -m itops.demo.played MOMENT WORDS...`: one command of itops as it would have run at that moment.

The demo lives through a whole month in a minute. Its servers and devices are simulated; with this its days are, too.
"""

import sys
from datetime import datetime

from itops import clock
from itops.cli.main import main

if __name__ == "__main__":
    clock.play_at(datetime.fromisoformat(sys.argv.pop(1)))
    main()
