//! The numbers of a model file: the arrays of a `MessagePack` document, in their order.
//!
//! As thinc writes them: a map with the keys `nd`, `type` (`<f4`), `shape`, `data`. Everything
//! else is walked over. Lengths are checked against what is there; nesting is bounded.

const DEPTH: usize = 12;

/// One array.
#[derive(Debug)]
pub(super) struct Array {
    pub(super) shape: Vec<usize>,
    pub(super) values: Vec<f32>,
}

/// All arrays of the file; `None` if it is no `MessagePack`.
pub(super) fn arrays(bytes: &[u8]) -> Option<Vec<Array>> {
    let mut reader = Reader { bytes, at: 0 };
    let mut out = Vec::new();
    reader.value(&mut out, DEPTH)?;
    Some(out)
}

/// What a value is, as far as it matters.
enum Value<'b> {
    Bytes(&'b [u8]),
    Number(usize),
    Numbers(Vec<usize>),
    Other,
}

struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Reader<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let end = self.at.checked_add(count)?;
        let part = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(part)
    }

    fn length(&mut self, size: usize) -> Option<usize> {
        let part = self.take(size)?;
        part.iter().try_fold(0_usize, |n, b| {
            n.checked_mul(256)?.checked_add(usize::from(*b))
        })
    }

    fn value(&mut self, out: &mut Vec<Array>, depth: usize) -> Option<Value<'b>> {
        let depth = depth.checked_sub(1)?;
        let head = *self.take(1)?.first()?;
        let low = usize::from(head);
        Some(match head {
            0x00..=0x7f => Value::Number(low),
            0x80..=0x8f => return self.map(low & 15, out, depth),
            0x90..=0x9f => return self.list(low & 15, out, depth),
            0xa0..=0xbf => Value::Bytes(self.take(low & 31)?),
            0xc4..=0xc6 => {
                let count = self.length(1 << (low - 0xc4))?;
                Value::Bytes(self.take(count)?)
            }
            0xca => self.skip(4)?,
            0xcb => self.skip(8)?,
            0xcc..=0xcf => Value::Number(self.length(1 << (low - 0xcc))?),
            0xd0..=0xd3 => self.skip(1 << (low - 0xd0))?,
            0xd9..=0xdb => {
                let count = self.length(1 << (low - 0xd9))?;
                Value::Bytes(self.take(count)?)
            }
            0xdc | 0xdd => {
                let count = self.length(2 << (low - 0xdc))?;
                return self.list(count, out, depth);
            }
            0xde | 0xdf => {
                let count = self.length(2 << (low - 0xde))?;
                return self.map(count, out, depth);
            }
            0xc0 | 0xc2 | 0xc3 | 0xe0..=0xff => Value::Other,
            _ => return None,
        })
    }

    fn skip(&mut self, count: usize) -> Option<Value<'b>> {
        self.take(count)?;
        Some(Value::Other)
    }

    fn list(&mut self, count: usize, out: &mut Vec<Array>, depth: usize) -> Option<Value<'b>> {
        let mut numbers = Vec::new();
        for _ in 0..count {
            if let Value::Number(n) = self.value(out, depth)? {
                numbers.push(n);
            }
        }
        Some(Value::Numbers(numbers))
    }

    fn map(&mut self, count: usize, out: &mut Vec<Array>, depth: usize) -> Option<Value<'b>> {
        let (mut float, mut shape, mut data) = (false, None, None);
        for _ in 0..count {
            let key = self.value(out, depth)?;
            let value = self.value(out, depth)?;
            match (key, value) {
                (Value::Bytes(b"type"), Value::Bytes(kind)) => float = kind == b"<f4",
                (Value::Bytes(b"shape"), Value::Numbers(numbers)) => shape = Some(numbers),
                (Value::Bytes(b"data"), Value::Bytes(bytes)) => data = Some(bytes),
                _ => {}
            }
        }
        if let (true, Some(shape), Some(data)) = (float, shape, data) {
            let count = shape
                .iter()
                .try_fold(4_usize, |n, side| n.checked_mul(*side))?;
            if count != data.len() {
                return None;
            }
            let values = data.chunks_exact(4).filter_map(|b| b.try_into().ok());
            let values = values.map(f32::from_le_bytes).collect();
            out.push(Array { shape, values });
        }
        Some(Value::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::arrays;

    #[test]
    fn arrays_are_found_and_damage_is_none() {
        let mut file = vec![0x81, 0xa1, b'W', 0x83, 0xa4];
        file.extend(b"type\xa3<f4\xa5shape\x92\x01\x02\xa4data\xc4\x08");
        file.extend([1.0_f32, -2.5].iter().flat_map(|f| f.to_le_bytes()));
        let found = arrays(&file).unwrap();
        assert_eq!(
            (found[0].shape.as_slice(), found[0].values.as_slice()),
            (&[1, 2][..], &[1.0, -2.5][..])
        );
        for cut in 0..file.len() {
            assert!(arrays(&file[..cut]).is_none());
        }
        assert!(arrays(&vec![0x91; 10_000]).is_none());
    }
}
