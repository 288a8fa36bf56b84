"""The RVTools workbook as data: which sheets and columns it has, and how an entity becomes rows of them. Pure."""
