# The first is larger, the second gone, the third begun.
{
  filesystems.larger = {
    disks = ["/dev/disk/by-id/a"];
    swap = "8G";
  };
  filesystems.gone.disks = ["/dev/disk/by-id/b"];
  filesystems.begun = {
    disks = ["/dev/disk/by-id/c"];
    swap = "8G";
  };
}
