"""What a shape gathers of an element: by path, whatever the namespace, and nothing else."""

import pytest
from lxml import etree

from recon.intake.shape import Record, Shape
from recon.intake.xml import local_name

PART = Shape(text=("Ref",), every=("Nb",))
SHAPE = Shape(text=("Sts", "Sts/Cd", "Refs/Id"), every=("Rmt/Ustrd",), nodes=("Amt", "Chrgs"), parts={"Rmt/Strd": PART})


def read(inner: str, namespace: str = "") -> Record:
    return SHAPE.read(etree.fromstring(f"<Ntry{namespace}>{inner}</Ntry>"))


def test_texts_are_those_of_the_paths_that_are_wanted() -> None:
    record = read(
        "<Sts>BOOK</Sts><Refs><Id> A 1 </Id><Tx>no</Tx></Refs><Id>other</Id><Adr><Refs><Id>B</Id></Refs></Adr>"
    )
    assert record.text == {"Sts": "BOOK", "Sts/Cd": "", "Refs/Id": "A 1"}


def test_an_element_may_have_a_text_and_what_is_below_it() -> None:
    assert read("<Sts>\n <Cd>PDNG</Cd></Sts>").text == {"Sts": "", "Sts/Cd": "PDNG", "Refs/Id": ""}


def test_of_several_texts_the_first_that_says_something() -> None:
    assert (
        read("<Refs/><Refs><Id/></Refs><Refs><Id> </Id><Id>A</Id></Refs><Refs><Id>B</Id></Refs>").text["Refs/Id"] == "A"
    )


def test_every_text_in_the_order_of_the_file() -> None:
    record = read("<Rmt><Ustrd>one</Ustrd><Ustrd/></Rmt><Rmt><Ustrd> two</Ustrd></Rmt>")
    assert record.every == {"Rmt/Ustrd": ["one", "two"]}


def test_nodes_with_their_attributes_and_all_that_is_below() -> None:
    record = read('<Amt Ccy="NOK">1.00</Amt><Amt Ccy="SEK">2.00</Amt><Chrgs><Rcrd><Amt>3</Amt></Rcrd></Chrgs>')
    assert [(node.text, node.attributes) for node in record.nodes["Amt"]] == [
        ("1.00", {"Ccy": "NOK"}), ("2.00", {"Ccy": "SEK"})
    ]  # fmt: skip
    assert record.node("Amt") is record.nodes["Amt"][0]
    assert record.nodes["Chrgs"][0].at("Rcrd", "Amt") == "3"


def test_parts_keep_what_belongs_together() -> None:
    record = read("<Rmt><Strd><Nb>1</Nb><Nb>2</Nb></Strd><Strd><Ref>K</Ref></Strd></Rmt>")
    assert [(part.text["Ref"], part.every["Nb"]) for part in record.parts["Rmt/Strd"]] == [("", ["1", "2"]), ("K", [])]


def test_what_is_not_there_is_empty_for_the_next_record_too() -> None:
    for _time in range(2):
        read("<Rmt><Ustrd>one</Ustrd><Strd><Nb>1</Nb></Strd></Rmt><Amt/>")
        empty = read("")
        assert (empty.node("Amt"), empty.every, empty.parts) == (None, {"Rmt/Ustrd": []}, {"Rmt/Strd": []})


def test_a_path_that_is_not_wanted_is_a_mistake_of_the_programmer() -> None:
    with pytest.raises(KeyError):
        read("<Refs><Tx>A</Tx></Refs>").text["Refs/Tx"]


@pytest.mark.parametrize("version", ["02", "08"])
def test_any_namespace(version: str) -> None:
    record = read("<Refs><Id>A</Id></Refs>", f' xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"')
    assert record.text["Refs/Id"] == "A"


def test_comments_are_no_elements() -> None:
    comment = etree.Comment("Refs")
    assert local_name(comment.tag) == ""
    assert read("<!-- Refs --><Refs><!-- Id --><Id>A</Id></Refs>").text["Refs/Id"] == "A"


def test_invented_names_do_not_fill_the_memory() -> None:
    shape = Shape(text=("Id",))
    names = "".join(f"<n{number}/>" for number in range(5_000))
    assert shape.read(etree.fromstring(f"<Ntry>{names}<Id>A</Id></Ntry>")).text == {"Id": "A"}
    assert len(shape._branch) <= 1_000
