"""The version, where building, importing and printing all find it."""

__version__ = "0.1.0.dev0"
