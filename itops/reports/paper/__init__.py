"""What stands on a paper, in the words of one language, before anybody draws it.

The report, the covering letter and the SLA statement are composed into a `Paper`; four writers draw any paper as PDF,
XLSX, DOCX and HTML. A writer knows no codes and no rooms, a composer no fonts and no files.
"""
