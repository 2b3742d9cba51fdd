#!/usr/bin/env python3
"""Runs the example queries in Apache DataFusion over an export, and compares each with its answer where asked.

    python3 -m venv target/datafusion && target/datafusion/bin/pip install datafusion
    target/datafusion/bin/python audit/examples/queries/run.py september
    target/datafusion/bin/python audit/examples/queries/run.py EXPORT --compare

EXPORT is a directory that 'talea-audit export parquet' made. Without --compare the answers are printed; with it they
are held against the .csv beside each query, and the first that differs ends the program with exit code 1. --tables names
the tables of an export and the number of their files, for which DataFusion is not needed. The exit code is 3 where it is
needed and not installed.
"""

import argparse
import json
import pathlib
import sys


def tables(export):
    """The files of each sheet that the manifest names, in the order of their days."""
    files = {}
    for file in json.loads((export / "manifest.json").read_text())["files"]:
        files.setdefault(file["sheet"], []).append(export / file["path"])
    return files


def answer(context, sql):
    """Names and rows, comma-separated, as the .csv beside a query has them."""
    frame = context.sql(sql)
    names = frame.schema().names
    lines = [",".join(names)]
    for batch in frame.collect():
        for row in batch.to_pylist():
            values = (row[name] for name in names)
            lines.append(",".join("" if value is None else str(value) for value in values))
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("export", type=pathlib.Path, metavar="EXPORT")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--compare", action="store_true", help="with the answers beside the queries")
    what.add_argument("--tables", action="store_true", help="name the tables and ask nothing")
    arguments = parser.parse_args()
    try:
        sheets = tables(arguments.export)
    except (OSError, ValueError, KeyError) as error:
        print(f"{arguments.export} is not an export, it has no good manifest.json: {error}", file=sys.stderr)
        return 1
    if arguments.tables:
        for sheet, files in sheets.items():
            print(sheet, len(files))
        return 0
    if any(file.suffix != ".parquet" for files in sheets.values() for file in files):
        print(f"{arguments.export} is not of Parquet: make it with 'talea-audit export parquet'", file=sys.stderr)
        return 1
    try:
        import datafusion
    except ImportError:
        print("DataFusion is not installed: pip install datafusion", file=sys.stderr)
        return 3
    context = datafusion.SessionContext()
    for sheet, files in sheets.items():
        # One table over the files of all days.
        parts = []
        for number, file in enumerate(files):
            context.register_parquet(f"{sheet}_{number}", str(file))
            parts.append(f"SELECT * FROM {sheet}_{number}")
        context.sql(f"CREATE VIEW {sheet} AS {' UNION ALL '.join(parts)}").collect()
    queries = sorted(pathlib.Path(__file__).parent.glob("*.sql"))
    for query in queries:
        found = answer(context, query.read_text().rstrip().rstrip(";"))
        if not arguments.compare:
            print(f"{query.stem}\n{found}")
        elif found != query.with_suffix(".csv").read_text():
            print(f"{query.stem} gives another answer:\n{found}", file=sys.stderr)
            return 1
    if arguments.compare:
        print(f"{len(queries)} queries gave their answers in DataFusion {datafusion.__version__}")
    return 0


sys.exit(main())
