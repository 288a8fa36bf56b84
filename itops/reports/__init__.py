"""Documents made from what is known: today the RVTools workbook."""
