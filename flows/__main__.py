"""`python -m flows …` is `gestion-flux …`."""

import sys

from flows.commande.principale import main

if __name__ == "__main__":
    sys.exit(main())
