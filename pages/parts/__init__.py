"""What the pages share: the snapshot and its caching, the address, the filter bar, charts, review text, tables."""
