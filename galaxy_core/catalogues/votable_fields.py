"""The columns of a table as VOTable says them: FIELD elements, with unit, UCD, description and null; no rows.

A VOTable and the head of a Parquet file (VOParquet) are made of them. What is read of a stranger's is read by a parser
that is told to resolve nothing.
"""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from xml.parsers import expat

import pyarrow as pa

from galaxy_core.catalogues.columns import DESCRIPTION, UCD, UNIT, null_of, said, shape_of

NAMESPACE = "http://www.ivoa.net/xml/VOTable/v1.3"
_DATATYPES = {
    pa.bool_(): "boolean",
    pa.uint8(): "unsignedByte",
    pa.int8(): "short",
    pa.int16(): "short",
    pa.uint16(): "int",
    pa.int32(): "int",
    pa.uint32(): "long",
    pa.int64(): "long",
    pa.float16(): "float",
    pa.float32(): "float",
    pa.float64(): "double",
}
"""What has no type of its own there stands in the next larger one; uint64 is text, since no type holds it."""


def table_of_fields(schema: pa.Schema, metadata: Mapping[str, str]) -> str:
    """A whole VOTable with columns and INFO, and no rows."""
    return "".join(head_and_tail(schema, metadata, data=False))


def head_and_tail(schema: pa.Schema, metadata: Mapping[str, str], *, data: bool = True) -> tuple[str, str]:
    """What stands before the rows of a VOTable (TABLEDATA) and what behind them."""
    root = ET.Element("VOTABLE", version="1.4", xmlns=NAMESPACE)
    resource = ET.SubElement(root, "RESOURCE", type="results")
    for name, value in metadata.items():
        ET.SubElement(resource, "INFO", name=xml_text(name), value=xml_text(value))
    table = ET.SubElement(resource, "TABLE")
    for i, field in enumerate(schema):
        _add_field(table, field, i)
    if data:
        ET.SubElement(ET.SubElement(table, "DATA"), "TABLEDATA").text = "\n"
    text = ET.tostring(root, encoding="unicode", xml_declaration=False)
    head, rows, tail = text.partition("<TABLEDATA>\n")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + head + rows, tail


def datatype_of(kind: pa.DataType) -> tuple[str, str | None]:
    """`datatype` and `arraysize` of an Arrow type; what is neither number nor list of numbers is text."""
    if pa.types.is_fixed_size_list(kind) and kind.value_type in _DATATYPES:
        return _DATATYPES[kind.value_type], str(kind.list_size)
    if (pa.types.is_list(kind) or pa.types.is_large_list(kind)) and kind.value_type in _DATATYPES:
        return _DATATYPES[kind.value_type], "*"
    return (_DATATYPES[kind], None) if kind in _DATATYPES else ("unicodeChar", "*")


def fields_said(votable: bytes) -> dict[str, dict[str, str]]:
    """Unit, UCD and description of each FIELD of a VOTable by its name; nothing where it is none, or has entities."""
    found: dict[str, dict[str, str]] = {}
    inside: list[str] = []
    parser = expat.ParserCreate()

    def start(tag: str, attributes: dict[str, str]) -> None:
        inside.append(tag.rpartition(":")[2])
        if inside[-1] == "FIELD" and "name" in attributes:
            found[attributes["name"]] = {k: attributes[k] for k in (UNIT, UCD) if k in attributes}

    def text(words: str) -> None:
        if inside[-2:] == ["FIELD", "DESCRIPTION"] and found:
            one = found[next(reversed(found))]
            one[DESCRIPTION] = one.get(DESCRIPTION, "") + words

    def refuse(*_: object) -> None:
        raise ValueError("it declares entities")

    parser.StartElementHandler, parser.CharacterDataHandler = start, text
    parser.EndElementHandler = lambda _: inside.pop() and None
    parser.EntityDeclHandler = parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(votable, True)
    except (expat.ExpatError, ValueError, LookupError):  # no XML, or in an encoding that is none
        return {}
    return found


def _add_field(table: ET.Element, field: pa.Field, i: int) -> None:
    datatype, size = datatype_of(field.type)
    element = ET.SubElement(table, "FIELD", name=xml_text(field.name) or f"col{i + 1}")
    element.set("datatype", datatype)
    if size is not None:
        element.set("arraysize", "x".join(map(str, shape_of(field))) or size)
    for key in (UNIT, UCD):
        if said(field, key):
            element.set(key, xml_text(said(field, key)))
    if said(field, DESCRIPTION):
        ET.SubElement(element, "DESCRIPTION").text = xml_text(said(field, DESCRIPTION))
    if null_of(field) is not None:
        ET.SubElement(element, "VALUES", null=str(null_of(field)))


def xml_text(text: str) -> str:
    """The text with what XML cannot hold written as in Python: a zero byte as `\\x00`."""
    return "".join(
        c if c in "\t\n\r" or _is_xml(ord(c)) else c.encode("unicode_escape").decode() for c in text
    )


def _is_xml(code: int) -> bool:
    return 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000
