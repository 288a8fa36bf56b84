"""Sheets as files: CSV and XLSX of any office read by what they are, tables written, a form of others filled.

`reading` opens a file as sheets · `guard` looks at a workbook before anything opens it · `writing` makes CSV and XLSX ·
`template` fills a workbook that somebody else made and tells by name what the filling lost.
"""
