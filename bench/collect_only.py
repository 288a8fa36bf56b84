"""Look at every source of an itops.yaml and keep nothing: the floor that a scan is measured against."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from itops.cli.setting import load_settings
from itops.sources.vsphere.soap import Client


def main() -> None:
    """Count entities and requests, by way of the real sources."""
    counted: list[Client] = []
    entities = 0
    for configured in load_settings(Path(sys.argv[1])).sources:
        source = configured.build()
        make_client = source.client

        def client(make: object = make_client) -> Client:
            made: Client = make()  # type: ignore[operator]
            counted.append(made)
            return made

        source.client = client
        for observation in source.observe(datetime(2026, 11, 1, tzinfo=UTC)):
            entities += sum(1 for _ in observation.seen)
    requests = sum((made.requests for made in counted), start=type(counted[0].requests)())
    pages = requests.pop("ContinueRetrievePropertiesEx", 0)
    print(json.dumps({"entities": entities, "requests": requests.total(), "pages": pages}))


if __name__ == "__main__":
    main()
