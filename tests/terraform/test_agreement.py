"""What Terraform makes is what the code asks for, and the other way round."""

import re

from tests.apps import ROOT
from tests.terraform.agreement import differences
from tests.terraform.code import read_code
from tests.terraform.conftest import Environment
from tests.terraform.made import made


def test_the_plan_and_the_code_name_the_same(environment: Environment):
    """Each function, queue, topic, bucket, path, schedule and variable is in both, with the same settings."""
    assert differences(read_code(ROOT), made(environment("prod").states["applied"])) == []


def test_the_archive_has_the_tables_of_its_migrations(environment: Environment):
    """Terraform makes each table as `migrate` would: the same columns, in the same key."""
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for path in sorted((ROOT / "order/chalicelib/order/migrations").glob("*.cql"))
    )
    tables = made(environment("prod").states["applied"]).of("aws_keyspaces_table", "module.keyspaces")
    described = {}
    for table in tables.values():
        (schema,) = table["schema_definition"]
        described[table["table_name"]] = (
            {column["name"]: column["type"] for column in schema["column"]},
            [key["name"] for key in schema["partition_key"]],
            {key["name"]: key["order_by"] for key in schema["clustering_key"]},
        )
    assert described == _tables(text)


def _tables(cql: str) -> dict[str, tuple[dict[str, str], list[str], dict[str, str]]]:
    """The columns, the partition key and the order within it, of each table that these statements create."""
    found = {}
    for name, body, options in re.findall(r"(?s)CREATE TABLE IF NOT EXISTS (\w+) \(\n(.*?)\n\)(.*?);", cql):
        columns, partition, clustering = {}, [], []
        for line in body.split("\n"):
            said = line.strip().removesuffix(",")
            if key := re.fullmatch(r"PRIMARY KEY \((?:\((.+?)\)|(\w+))(?:, (.+))?\)", said):
                partition = (key[1] or key[2]).split(", ")
                clustering = key[3].split(", ") if key[3] else []
            elif column := re.fullmatch(r"(\w+) (.+?)( PRIMARY KEY)?", said):
                columns[column[1]] = column[2]
                partition = partition or ([column[1]] if column[3] else [])
        columns |= dict(re.findall(rf"ALTER TABLE {name} ADD (\w+) ([^;]+);", cql))
        order = dict(re.findall(r"(\w+) (ASC|DESC)", options))
        found[name] = (columns, partition, {column: order.get(column, "ASC") for column in clustering})
    return found
