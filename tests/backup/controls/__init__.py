"""The controls C01 to C20."""
