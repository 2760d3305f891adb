"""How runs are made and kept: designs, the runner, the store, clusters, statistics, command lines."""
