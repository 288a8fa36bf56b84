"""Real repositories of backup products, made by the products themselves, for tests that then break them."""
