"""How we look at the world: each folder is one plugin (see itops.inventory.entities.Source)."""
