"""Work that outlives a request: its state is a row of `job`, its doing a process of a pool.

`submit` writes the row; `Jobs(url).start` sends its key to a worker, which claims the row, opens the database itself
and writes state, progress and result there. Pages and commands only ever read the row.
"""

from recon.jobs.jobs import Jobs
from recon.jobs.submit import submit

__all__ = ["Jobs", "submit"]
