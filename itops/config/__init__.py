"""itops.yaml: strict, typed, and complaining once about everything."""
