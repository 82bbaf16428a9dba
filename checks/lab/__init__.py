"""What the drivers under checks/ share: the cache, the Debian root file system, throw-away Btrfs images, processes."""
