"""How bundles travel: targets, plugins of `[project.entry-points."itops.targets"]`; see itops/bundles/targets.py."""
