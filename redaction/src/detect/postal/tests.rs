use crate::kind::Kind;
use crate::{Known, Profile, findings};

fn addresses(text: &str) -> Vec<&str> {
    findings(text, &Known::none(), &Profile::agent())
        .into_iter()
        .filter(|f| f.kind == Kind::Address)
        .map(|f| text.get(f.start..f.end).unwrap())
        .collect()
}

#[test]
fn addresses_of_many_countries_are_one_span() {
    for (before, address, after) in [
        (
            "I live at ",
            "221b Baker Street, London NW1 6XE",
            ", please update",
        ),
        (
            "Send the card to ",
            "742 Evergreen Terrace, Springfield, IL 62704",
            ".",
        ),
        (
            "my address: ",
            "1600 Pennsylvania Ave NW, Apt 5, Washington, DC 20500",
            "",
        ),
        ("ship it to ", "P.O. Box 1234, Austin, TX 78701", " please"),
        (
            "Ich wohne in der ",
            "Hauptstraße 12, 10115 Berlin",
            " seit Mai",
        ),
        ("Meine Adresse: ", "Lindenweg 5a, 80331 München", ""),
        ("moved to ", "12 rue de la Paix, 75002 Paris, France", ""),
        (
            "Адрес: ",
            "115035, г. Москва, ул. Садовническая, д. 82, кв. 15",
            ", спасибо",
        ),
        (
            "Я живу по адресу ",
            "улица Ленина, дом 5, квартира 12",
            " с 2019 года",
        ),
        ("мой адрес ", "Ленинский проспект, 12, Санкт-Петербург", ""),
        (
            "address is ",
            "10 Main St\nApt 4\nBoston, MA 02110",
            "\nthanks",
        ),
    ] {
        let text = format!("{before}{address}{after}");
        assert_eq!(addresses(&text), [address], "{text}");
    }
}

#[test]
fn towns_amounts_and_dates_are_no_addresses() {
    for text in [
        "I live in Berlin, Germany",
        "I sent 500 USDT on 12 May 2024 at 10:30",
        "Order 48213 Bitcoin 2 for 1,000 EUR",
        "5 min drive from Wall Street",
        "Level 2 verification, 3 transactions on the road",
        "I paid 20 dollars to Main Street Bank",
        "Купил 5 апреля на площади 2 билета",
    ] {
        assert!(addresses(text).is_empty(), "{text}: {:?}", addresses(text));
    }
}
