"""A library that starts a thread a moment after it was imported, as some do."""

import threading
import time


def _start_late() -> None:
    time.sleep(0.3)
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    time.sleep(60)


threading.Thread(target=_start_late, daemon=True).start()
