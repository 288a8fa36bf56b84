"""SQL Server backups (.bak, .trn, .dif) judged without a SQL Server: Microsoft Tape Format, records, checksums.

The layout was learnt from 118 real files of SQL Server 2005 to 2022. Not seen there, and therefore walked but not
vouched for: appended sets, mirrored media, filegroup backups, FILESTREAM and memory-optimised data, sets of more than
a few MB.
"""

from itops.formats.mssql.compressed import MssqlCompressedBackup
from itops.formats.mssql.format import MssqlBackup

__all__ = ["MssqlBackup", "MssqlCompressedBackup"]
