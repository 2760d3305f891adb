"""Why did he fall? The story of one run: what happened, and without what he would still be there."""
