"""Recordings in the hands of other libraries: pandas, xarray, ArviZ. They are loaded only when asked for."""
