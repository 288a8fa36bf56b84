"""Copies that a product tells of in a CSV or JSON file."""

from itops.repositories.catalog.repository import CatalogRepository
from itops.repositories.catalog.settings import CatalogSettings as Settings

__all__ = ["CatalogRepository", "Settings"]
