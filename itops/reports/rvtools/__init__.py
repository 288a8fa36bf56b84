"""The RVTools workbook on disk: one xlsx file, or one CSV file for each sheet."""

from itops.reports.rvtools.book import Book, HealthRow, Written, fill
from itops.reports.rvtools.csv_folder import CsvFolder
from itops.reports.rvtools.xlsx import XlsxBook

__all__ = ["Book", "CsvFolder", "HealthRow", "Written", "XlsxBook", "fill"]
