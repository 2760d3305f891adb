"""Who acts: the regime, the security forces, the elites, the citizens and Moscow, one file each."""
