"""The register as tables, and tables of any office as the register: pure, whole rows in and plans out.

`grid` what a sheet is · `fields` an asset as dotted texts and back · `headers` and `words` what offices call things ·
`layout` which column is what · `wishes` what a row wants · `planning` what an import would do · `reconciling` our list
against the property officer's · `export` the register as a table · `mapping`, `filling` headquarters' own form.
"""
