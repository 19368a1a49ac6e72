"""Adapters that turn the catalogue's entries into functions of other frameworks; each is imported only when used."""
