//! A number, then a street: "14 Crown Street", "5 rue de la Paix", "4596 Tylova 285".

use super::super::super::scan::Scan;
use super::anchor::{NAME, comma, fills_line, follows, near, weak_alone, year};
use super::item::{Item, Role};

/// What has been read of the street.
struct Street<'a> {
    scan: &'a Scan<'a>,
    items: &'a [Item],
    told: bool,
    /// The first item of the core, and its last number.
    first: usize,
    at: usize,
    /// Words that name, and words for streets.
    names: usize,
    streets: usize,
    /// No word is plain; all words are English.
    firm: bool,
    common: bool,
    /// The last item that certainly belongs to it.
    end: Option<usize>,
}

/// How to go on after an item.
enum Next {
    On,
    Stop,
    /// This item ends the core.
    Done,
}

/// The last item of the core whose number is item `first`.
pub(super) fn numbered(scan: &Scan<'_>, items: &[Item], first: usize, told: bool) -> Option<usize> {
    // A number of the building before that of the street.
    let second =
        items.get(first + 1).is_some_and(|i| i.role == Role::Number) && near(scan, items, first);
    let at = first + usize::from(second);
    let mut street = Street {
        scan,
        items,
        told,
        first,
        at,
        names: 0,
        streets: 0,
        firm: true,
        common: true,
        end: None,
    };
    // "64, avenue Perrier".
    let parted = comma(scan, items, at) && { items.get(at + 1) }
        .is_some_and(|i| matches!(i.role, Role::Before | Role::Street) || i.named());
    for n in at + 1..at + 1 + NAME {
        scan.spend(2);
        let tied = near(scan, items, n - 1) || parted && n == at + 1;
        let Some(item) = items.get(n).filter(|_| tied) else {
            break;
        };
        match street.read(n, item) {
            Next::On => {}
            Next::Stop => break,
            Next::Done => return Some(n),
        }
    }
    street.end.or_else(|| street.announced())
}

impl Street<'_> {
    fn read(&mut self, n: usize, item: &Item) -> Next {
        match item.role {
            Role::Street | Role::Before if !item.capital && weak_alone(self.scan, item) => {
                Next::Stop
            }
            Role::Street => self.word(n, item),
            Role::WeakStreet if item.capital => self.word(n, item),
            Role::Before => {
                self.streets += 1;
                self.names += 1;
                Next::On
            }
            Role::Name | Role::Place if item.capital => {
                self.firm &= !item.plain || self.streets > 0;
                self.common &= item.common;
                self.names += 1;
                if self.streets > 0 && self.after_small(n) {
                    self.end = Some(n);
                }
                Next::On
            }
            Role::Small if n > self.at + 1 || item.capital => Next::On,
            Role::Other | Role::Place | Role::Name => self.foreign(n, item),
            Role::Number if self.names > 0 && item.digits < 5 => self.number(n, item),
            Role::WeakStreet
            | Role::Small
            | Role::Number
            | Role::Post
            | Role::Unit
            | Role::Part
            | Role::Town
            | Role::Force
            | Role::Ship => Next::Stop,
        }
    }

    /// A word for a street.
    fn word(&mut self, n: usize, item: &Item) -> Next {
        let street = item.role == Role::Street;
        // "3 API Keys".
        if item.common && self.common && !self.told && !follows(self.scan, self.items, n) {
            self.names += 1;
            return Next::On;
        }
        let next = self.items.get(n + 1);
        let leads = self.names == 0 && next.is_some_and(|i| i.named() || i.role == Role::Small);
        let compound = item.end - item.start > 7 && item.capital && street;
        if leads && street {
            // "8, boulevard Voltaire".
            self.streets += 1;
        } else if self.names > 0 || compound {
            self.streets += 1;
            self.end = Some(n);
        } else if !item.capital {
            return Next::Stop;
        }
        self.names += 1;
        Next::On
    }

    /// A word without a capital: "fourth avenue", "rue de pologne".
    fn foreign(&mut self, n: usize, item: &Item) -> Next {
        let long = item.digits == 0 && item.end - item.start > 3;
        let street = { self.items.get(n + 1) }
            .is_some_and(|i| i.role == Role::Street && !weak_alone(self.scan, i));
        let after = self.streets > 0 && self.after_small(n);
        if after {
            self.end = Some(n);
        } else if self.names > 0 && long && !item.plain {
            return Next::On;
        }
        if !(after || n == self.at + 1 && long && street) {
            return Next::Stop;
        }
        self.names += 1;
        Next::On
    }

    /// The number after a street's name.
    fn number(&self, n: usize, item: &Item) -> Next {
        let rest = self.told
            || follows(self.scan, self.items, n)
            || fills_line(self.scan, self.items, self.first, n);
        let named = (self.firm || self.told) && rest && !year(self.scan, item);
        if named || self.streets > 0 {
            Next::Done
        } else {
            Next::Stop
        }
    }

    /// Where an announcement stands before, a number and a name are enough.
    fn announced(&self) -> Option<usize> {
        let next = { self.items.get(self.at + 1) }
            .filter(|i| i.named() && near(self.scan, self.items, self.at));
        let short = self.items.get(self.first).is_some_and(|i| i.digits < 6);
        (self.told && self.firm && next.is_some() && short).then_some(self.at + 1)
    }

    fn after_small(&self, n: usize) -> bool {
        let before = n.checked_sub(1).and_then(|n| self.items.get(n));
        before.is_some_and(|i| matches!(i.role, Role::Before | Role::Small))
    }
}
