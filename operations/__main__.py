"""The command `shop`."""

import sys
import traceback

from cyclopts import App, CycloptsError

from local.paths import HOME
from operations import catalog, dead_letters, doctor, logs, migrate, orders, reconcile, refund, stock
from operations.errors import OperationError, Status, sentence
from operations.say import console

HELP = """Look after a shop: the one on this machine, or with --stage and --profile one on AWS.

It ends with 0 where all is well, 1 where something could not be done, 2 where it was typed wrong, and 3 where
it found something that somebody should look at.
"""

app = App(name="shop", help=HELP, version_flags=[], console=console, help_on_error=False)
order = App(name="order", help="One order.")
order.command(orders.show)
app.command(order)
many = App(name="orders", help="Orders of all customers.")
many.command(orders.stuck)
app.command(many)
dlq = App(name="dlq", help="Dead letters: messages that failed five times.")
dlq.command(dead_letters.list_queues, name="list")
dlq.command(dead_letters.show)
dlq.command(dead_letters.redrive)
app.command(dlq)
shelf = App(name="stock", help="How many pieces there are.")
shelf.command(stock.show)
shelf.command(stock.set_stock, name="set")
app.command(shelf)
products = App(name="catalog", help="The products that are sold.")
products.command(catalog.import_catalog, name="import")
app.command(products)
app.command(reconcile.reconcile)
app.command(refund.refund)
app.command(migrate.migrate)
app.command(logs.logs)
app.command(doctor.doctor)


def main(arguments: list[str]) -> int:
    """Runs one command; its exit status."""
    try:
        status = app(arguments, exit_on_error=False, print_error=False, result_action="return_value")
        return int(status or 0)
    except CycloptsError as error:
        print(f"{str(error).strip()} See --help.", file=sys.stderr)
        return Status.TYPED_WRONG
    except OperationError as error:
        print(error, file=sys.stderr)
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Whoever read this has seen enough.
        sys.stderr.close()
    except Exception as error:
        told = sentence(error)
        if told is None:
            log = HOME / "logs" / "operations.log"
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_text(traceback.format_exc(), encoding="utf-8")
            told = f"Nobody thought of this: {type(error).__name__}: {error}\n{log} tells where."
        print(told, file=sys.stderr)
    return Status.FAILED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
