# One disk has a swap file, another is to lose one, a third to get one, all of new hosts.
{
  filesystems.larger = {
    disks = ["/dev/disk/by-id/a"];
    swap = "4G";
  };
  filesystems.gone = {
    disks = ["/dev/disk/by-id/b"];
    swap = "8G";
  };
  filesystems.begun.disks = ["/dev/disk/by-id/c"];
}
