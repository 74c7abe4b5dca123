"""Recipes shipped with sgle: `sgle list` names them, `sgle run NAME` runs NAME.toml of this folder."""
