import Glibc
import StrategyHost

// Started by tapedeck for one module; of no use to anybody else.
exit(WorkerProcess.serve())
