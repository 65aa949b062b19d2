"""Training music for the beat network: composed, played through real samples, heard as on a floor."""
