#!/usr/bin/env python3
"""Computes, from the files of the PKDD'99 "Financial" data set alone, what a replay must leave behind.

    python3 tests/berka_totals.py DIR [--rows N]

DIR holds account.asc, trans.asc and order.asc. With --rows only the first N rows of trans.asc count. Prints
JSON: counts and sums by kind of payment and by counterpart bank, the balance of every account, what each bank
gained in reserves, and the lines that were skipped. `talea-node demo --data DIR --json` prints the same figures
read back from the ledger; tests/tests/berka_totals.rs compares them. Nothing is shared between the two programs.

All amounts are integers, in haler. The rules:

- An account starts with the smallest balance that covers, on every day, the debits of that day even when they
  come before its credits: the file knows the date of a row, not its time.
- Cash is issued or redeemed by the bank. Interest is paid from the bank's own account; fees and penalty interest
  are paid to it. A transfer goes from or to one account for each other bank.
- After the last day every standing order is executed once.
"""

import argparse
import json
import os
import re

HOME = "home"
DECIMAL = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,2}))?", re.ASCII)
NUMBER = re.compile(r"[0-9]{1,12}", re.ASCII)
DATE = re.compile(r"[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])", re.ASCII)
BANK = re.compile(r"[A-Z]{2}", re.ASCII)


class Skip(Exception):
    """A row that cannot be used, and why."""


def rows(path):
    """Number and fields of each line after the header."""
    with open(path, "rb") as file:
        lines = file.read().split(b"\n")
    for number, line in enumerate(lines[1:], start=2):
        text = line.decode("utf-8", errors="replace").removesuffix("\r")
        if text:
            yield number, [field.removeprefix('"').removesuffix('"') for field in text.split(";")]


def matching(pattern, text, what):
    if not pattern.fullmatch(text):
        raise Skip(f"{what} '{text}'")
    return text


def haler(text):
    whole, fraction = DECIMAL.fullmatch(matching(DECIMAL, text, "amount")).groups()
    amount = int(whole + (fraction or "").ljust(2, "0"))
    if amount == 0:
        raise Skip(f"amount '{text}'")
    return amount


def kind_of(direction, operation, symbol):
    if direction == "PRIJEM":
        if operation == "VKLAD":
            return "deposit"
        if operation == "PREVOD Z UCTU":
            return "transfer_in"
        if operation == "" and symbol == "UROK":
            return "interest"
    elif direction in ("VYDAJ", "VYBER"):
        if operation == "VYBER":
            return {"SLUZBY": "fee", "SANKC. UROK": "penalty"}.get(symbol, "withdrawal")
        if operation == "VYBER KARTOU":
            return "card_withdrawal"
        if operation == "PREVOD NA UCET":
            return "transfer_out"
    raise Skip(f"kind '{direction}' '{operation}' '{symbol}'")


def transaction(fields, accounts):
    if len(fields) != 10:
        raise Skip(f"{len(fields)} fields of 10")
    matching(NUMBER, fields[0], "number")
    account = account_of(fields[1], accounts)
    date = matching(DATE, fields[2], "date")
    kind = kind_of(fields[3], fields[4], fields[7])
    bank = matching(BANK, fields[8], "bank") if kind.startswith("transfer") else None
    return date, kind, account, bank, haler(fields[5])


def order(fields, accounts):
    if len(fields) != 6:
        raise Skip(f"{len(fields)} fields of 6")
    matching(NUMBER, fields[0], "number")
    account = account_of(fields[1], accounts)
    bank = matching(BANK, fields[2], "bank")
    return "standing_order", account, bank, haler(fields[4])


def account_of(text, accounts):
    account = int(matching(NUMBER, text, "account"))
    if account not in accounts:
        raise Skip(f"account '{text}'")
    return account


class Book:
    """Every payment that the files contain, day by day, and what it does to whom."""

    def __init__(self):
        self.kinds = {}
        self.banks = {}
        self.balances = {}
        self.lowest = {}
        self.debits = {}
        self.credits = {}

    def pay(self, kind, account, bank, amount):
        add(self.kinds, kind, amount)
        if kind in ("deposit", "transfer_in", "interest"):
            source, target = {"deposit": None, "transfer_in": bank, "interest": HOME}[kind], account
        else:
            cash = kind in ("withdrawal", "card_withdrawal")
            source, target = account, None if cash else HOME if kind in ("fee", "penalty") else bank
        if bank is not None:
            sides = self.banks.setdefault(bank, {"in": {}, "out": {}})
            add({"side": sides["in" if source == bank else "out"]}, "side", amount)
        if source is not None:
            self.debits[source] = self.debits.get(source, 0) + amount
        if target is not None:
            self.credits[target] = self.credits.get(target, 0) + amount

    def end_day(self):
        for who, amount in self.debits.items():
            balance = self.balances.get(who, 0) - amount
            self.balances[who] = balance
            self.lowest[who] = min(self.lowest.get(who, 0), balance)
        for who, amount in self.credits.items():
            self.balances[who] = self.balances.get(who, 0) + amount
        self.debits, self.credits = {}, {}

    def opening(self, who):
        return -self.lowest.get(who, 0)

    def final(self, who):
        return self.opening(who) + self.balances.get(who, 0)


def add(totals, name, amount):
    total = totals.setdefault(name, {})
    total["count"] = total.get("count", 0) + 1
    total["sum"] = total.get("sum", 0) + amount


def totals(directory, row_count):
    book, skipped, accounts = Book(), [], set()

    def skip(file, line, why):
        skipped.append({"file": file, "line": line, "why": str(why)})

    for line, fields in rows(os.path.join(directory, "account.asc")):
        if len(fields) == 4 and NUMBER.fullmatch(fields[0]) and int(fields[0]) not in accounts:
            accounts.add(int(fields[0]))
        else:
            skip("account.asc", line, "account")

    today, used = None, 0
    for read, (line, fields) in enumerate(rows(os.path.join(directory, "trans.asc"))):
        if row_count is not None and read >= row_count:
            break
        try:
            date, *payment = transaction(fields, accounts)
        except Skip as why:
            skip("trans.asc", line, why)
            continue
        if date != today:
            book.end_day()
            today = date
        book.pay(*payment)
        used += 1
    book.end_day()
    for line, fields in rows(os.path.join(directory, "order.asc")):
        try:
            book.pay(*order(fields, accounts))
        except Skip as why:
            skip("order.asc", line, why)
    book.end_day()

    for account in sorted(accounts):
        if book.opening(account):
            add(book.kinds, "opening", book.opening(account))
    for who in [HOME, *book.banks]:
        if book.opening(who):
            add(book.kinds, "bank_opening", book.opening(who))
    for sides in book.banks.values():
        for side in sides.values():
            side.setdefault("count", 0)
            side.setdefault("sum", 0)
    gained = {name: sides["out"]["sum"] - sides["in"]["sum"] for name, sides in book.banks.items()}
    gained[HOME] = -sum(gained.values())
    return {
        "rows": used,
        "skipped": skipped,
        "kinds": book.kinds,
        "banks": book.banks,
        "bank_balances": {who: book.final(who) for who in [HOME, *book.banks]},
        "reserves_gained": gained,
        "balances": {str(account): book.final(account) for account in sorted(accounts)},
        "balances_total": sum(book.final(account) for account in accounts),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory")
    parser.add_argument("--rows", type=int)
    options = parser.parse_args()
    print(json.dumps(totals(options.directory, options.rows), indent=1, sort_keys=True))


if __name__ == "__main__":
    main()
