"""The register of hardware: what people know of things, what machines say of them, and how the two are joined.

Pure: the register is read and written in `itops.config.register`, devices are asked in `itops.sources`.
"""
