package dev.monoceros.qcow.map;

import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;

/** Where new data goes: clusters of the image file, or the places of an external data file. */
public sealed interface DataClusters permits DataClusters.Internal, DataClusters.External {
  /**
   * Finds a place for at least one and at most {@code max} guest clusters in a row.
   *
   * @param guestOffset of the first one, aligned
   */
  HostRun allocate(long guestOffset, int max) throws ImageFault;

  /** Undoes {@link #allocate} after a failure. */
  void giveBack(HostRun run, ImageFault failure);

  /** One pointer to the cluster at {@code hostOffset} is gone, so far in memory only. */
  void freeLater(long hostOffset);

  /** The same, and if nobody else uses the cluster its blocks go back to the host. */
  void discardLater(long hostOffset) throws ImageFault;

  /** Fails if a guest's write to the cluster at {@code hostOffset} would hit metadata. */
  void requireNoMetadata(long hostOffset) throws ImageFault;

  /** Clusters of the image file, with refcounts. */
  record Internal(ClusterAllocator allocator, MetadataMap metadata) implements DataClusters {
    @Override
    public HostRun allocate(long guestOffset, int max) throws ImageFault {
      return allocator.allocate(max);
    }

    @Override
    public void giveBack(HostRun run, ImageFault failure) {
      allocator.giveBack(run, failure);
    }

    @Override
    public void freeLater(long hostOffset) {
      allocator.freeLater(hostOffset);
    }

    @Override
    public void discardLater(long hostOffset) {
      allocator.discardLater(hostOffset);
    }

    @Override
    public void requireNoMetadata(long hostOffset) throws ImageFault {
      metadata.requireNoMetadata(hostOffset);
    }
  }

  /**
   * "The offset field in the Standard Cluster Descriptor must match the guest offset", and clusters
   * of the data file "are not refcounted": all of them are free, each for one guest cluster.
   */
  record External(OrderedFile file, int clusterBits) implements DataClusters {
    @Override
    public HostRun allocate(long guestOffset, int max) {
      return new HostRun(guestOffset, max, (long) max << clusterBits, file.size());
    }

    @Override
    public void giveBack(HostRun run, ImageFault failure) {}

    @Override
    public void freeLater(long hostOffset) {}

    /** At once: the place belongs to this guest cluster alone, which is to read as zero. */
    @Override
    public void discardLater(long hostOffset) throws ImageFault {
      file.punchHole(hostOffset, 1L << clusterBits);
    }

    @Override
    public void requireNoMetadata(long hostOffset) {}
  }
}
