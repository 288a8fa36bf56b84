"""Write inventory.schema.json, the JSON Schema of the register, beside the demo's inventory.yaml.

`itops init` writes the same file for an office; a test fails when this one is not current.
"""

from pathlib import Path

from itops.config.register.schema import FILE_NAME, schema_text

TARGET = Path(__file__).resolve().parent.parent / FILE_NAME


def main() -> None:
    """Write the file."""
    TARGET.write_text(schema_text(), encoding="utf-8", newline="")


if __name__ == "__main__":
    main()
