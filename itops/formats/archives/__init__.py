"""Verifiers of archives and compressed streams: zip, bacpac, 7z, tar, and gz, xz, bz2, zst with or without a tar."""
