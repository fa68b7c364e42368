"""The classification layer: codes and translations given by the national exchange, beside the listings of all homes."""
