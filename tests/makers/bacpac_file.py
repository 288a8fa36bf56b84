"""A simulation of a bacpac: its shape by hand, after the published schema. No SQL Server and no DacFx made it."""

import hashlib
import random
import zipfile
from pathlib import Path

FORMAT = "bacpac"
SUFFIX = ".bacpac"
OBJECT = "Insurance"
OTHER = "Payroll"
NEEDS: tuple[str, ...] = ()
_SCHEMA = "http://schemas.microsoft.com/sqlserver/dac/Serialization/2012/02"
_TYPES = (
    '<?xml version="1.0" encoding="utf-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="text/xml" />'
    '<Default Extension="BCP" ContentType="application/octet-stream" />'
    "</Types>"
)
_MODEL = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    '<DataSchemaModel FileFormatVersion="1.2" SchemaVersion="2.9" xmlns="{schema}">\n'
    '<Model><Element Type="SqlTable" Name="[dbo].[{database}Lines]" /></Model>\n</DataSchemaModel>\n'
)
_ORIGIN = """<?xml version="1.0" encoding="utf-8"?>
<DacOrigin xmlns="{schema}">
  <PackageProperties><Version>3.1.0.0</Version><ContainsExportedData>{has_data}</ContainsExportedData></PackageProperties>
  <Operation>
    <Identity>6f8d2c1e-0000-4000-8000-000000000001</Identity>
    <Start>2026-11-21T23:30:04.1234567+03:30</Start>
    <End>2026-11-21T23:31:40.7654321+03:30</End>
    <ProductName>Microsoft SQL Server Management Studio</ProductName>
    <ProductVersion>162.5.57.1</ProductVersion>
    <ProductSchema>{schema}</ProductSchema>
  </Operation>
  <Checksums><Checksum Uri="/model.xml">{sha256}</Checksum></Checksums>
  <ModelSchemaVersion>2.9</ModelSchemaVersion>
  <Server><ServerVersion>16.00.1135</ServerVersion></Server>
  <ExportStatistics>
    <SourceDatabaseSize>10240</SourceDatabaseSize><TableRowCountTotalTag>300</TableRowCountTotalTag>
  </ExportStatistics>
</DacOrigin>
"""


def written(path: Path, database: str, *, has_data: bool = True, sha256: str | None = None) -> Path:
    """A package of `database`; a wrong `sha256` is a schema changed behind its writer's back."""
    model = _MODEL.format(schema=_SCHEMA, database=database)
    hash_of_model = sha256 or hashlib.sha256(model.encode()).hexdigest().upper()
    origin = _ORIGIN.format(schema=_SCHEMA, has_data=str(has_data).lower(), sha256=hash_of_model)
    metadata = f'<DacType xmlns="{_SCHEMA}"><Name>{database}</Name><Version>0.0.0.0</Version></DacType>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for part in range(3 if has_data else 0):
            rows = random.Random(f"{database}{part}").randbytes(30_000)
            package.writestr(f"Data/dbo.{database}Lines/TableData-000-0000{part}.BCP", rows)
        package.writestr("model.xml", model)
        package.writestr("DacMetadata.xml", metadata)
        package.writestr("Origin.xml", origin)
        package.writestr("[Content_Types].xml", _TYPES)
    return path


def good(folder: Path) -> Path:
    return written(folder / "export.bacpac", OBJECT)


def another(folder: Path) -> Path:
    return written(folder / "export.bacpac", OTHER)
