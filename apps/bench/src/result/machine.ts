/** Where it was measured: what one must know to doubt a result. */
export interface Machine {
  readonly cpuModel: string;
  /** Cores that this process may use. */
  readonly cores: number;
  readonly memoryBytes: number;
  /** Such as `Linux 6.1.0 x64`. */
  readonly system: string;
  readonly node: string;
  /** Of the first core, such as `performance`; undefined where the system does not say. */
  readonly cpuGovernor: string | undefined;
  /** True where the CPU says that a hypervisor is below: syncs may be acknowledged and dropped there. */
  readonly virtual: boolean | undefined;
  /** The file system below the data directories, such as `ext4`. */
  readonly fileSystem: string | undefined;
  /** Of the last minute, before anything was started. */
  readonly loadAverage: number;
}
