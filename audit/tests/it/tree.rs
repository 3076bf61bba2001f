//! Roots and proofs, and what another implementation says of them.

use proptest::prelude::*;
use tidewaiter_audit::Hash;
use tidewaiter_audit::tree::{
    self, Frontier, Nodes, ProofError, consistency, inclusion, root_with, skipped,
    verify_consistency, verify_inclusion,
};
use tlog_tiles::tlog;

use crate::fixture::Mem;

const MOST: u64 = 70;

fn leaves(n: u64) -> Vec<Hash> {
    (0..n).map(|n| tree::leaf_hash(&n.to_be_bytes())).collect()
}

/// RFC 6962 §2.1, word for word.
fn by_definition(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::of(&[]),
        [leaf] => *leaf,
        _ => {
            let k = leaves.len().next_power_of_two() / 2;
            tree::node_hash(&by_definition(&leaves[..k]), &by_definition(&leaves[k..]))
        }
    }
}

#[test]
fn roots_are_those_of_the_rfc() {
    let all = leaves(MOST);
    let mut frontier = Frontier::new();
    for n in 0..=MOST {
        assert_eq!(frontier.root(), by_definition(&all[..n as usize]));
        assert_eq!(frontier.size(), n);
        let resumed = Frontier::from_parts(n, frontier.parts()).unwrap();
        assert_eq!(resumed, frontier);
        let mut told = Vec::new();
        frontier.push_with(
            tree::leaf_hash(&n.to_be_bytes()),
            &mut |level, index, hash| {
                told.push((level, index, hash));
            },
        );
        let mut mem = Mem(leaves(n + 1));
        let complete: Vec<_> = (1..=(n + 1).trailing_zeros())
            .map(|level| (level, n >> level, mem.node(level, n >> level).unwrap()))
            .collect();
        assert_eq!(told, complete);
    }
    assert!(Frontier::from_parts(3, leaves(1)).is_err());
    assert!(Frontier::from_parts(u64::MAX, leaves(64)).is_err());
}

#[test]
fn every_inclusion_proof_holds_for_its_leaf_alone() {
    let all = leaves(33);
    for size in 1..=33 {
        let root = tree::root(&all[..size as usize]);
        for index in 0..size {
            let proof = inclusion(size, index, &mut Mem(all.clone())).unwrap();
            let leaf = all[index as usize];
            assert_eq!(verify_inclusion(size, index, &leaf, &proof, &root), Ok(()));
            for other in (0..size + 2).filter(|other| *other != index) {
                assert!(verify_inclusion(size, other, &leaf, &proof, &root).is_err());
            }
            let mut long = proof.clone();
            long.push(leaf);
            assert!(verify_inclusion(size, index, &leaf, &long, &root).is_err());
            if let Some((_, short)) = proof.split_last() {
                assert!(verify_inclusion(size, index, &leaf, short, &root).is_err());
            }
        }
        assert!(inclusion(size, size, &mut Mem(all.clone())).is_err());
    }
}

#[test]
fn every_consistency_proof_holds_for_its_trees_alone() {
    let all = leaves(33);
    for new in 0..=33_u64 {
        let new_root = tree::root(&all[..new as usize]);
        for old in 0..=new {
            let old_root = tree::root(&all[..old as usize]);
            let proof = consistency(old, new, &mut Mem(all.clone())).unwrap();
            assert_eq!(
                verify_consistency(old, &old_root, new, &new_root, &proof),
                Ok(())
            );
            let wrong = Hash([7; 32]);
            assert!(verify_consistency(old, &wrong, new, &new_root, &proof).is_err());
            if old != 0 {
                assert!(verify_consistency(old, &old_root, new, &wrong, &proof).is_err());
            }
            for other in (1..=new + 1).filter(|other| *other != old && old != 0) {
                assert!(verify_consistency(other, &old_root, new, &new_root, &proof).is_err());
            }
            let mut long = proof.clone();
            long.push(wrong);
            assert!(verify_consistency(old, &old_root, new, &new_root, &long).is_err());
        }
        assert!(consistency(new + 1, new, &mut Mem(all.clone())).is_err());
    }
}

/// Stored hashes as `tlog_tiles` keeps them.
struct Stored(Vec<tlog::Hash>);

impl tlog::HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog::Hash>, tlog_tiles::Error> {
        Ok(indexes.iter().map(|i| self.0[*i as usize]).collect())
    }
}

#[test]
fn another_implementation_agrees() {
    let theirs = |hash: &Hash| tlog::Hash(hash.0);
    let all = leaves(MOST);
    let mut stored = Stored(Vec::new());
    for n in 0..MOST {
        let line = n.to_be_bytes();
        assert_eq!(tlog::record_hash(&line), theirs(&all[n as usize]));
        let new = tlog::stored_hashes(n, &line, &stored).unwrap();
        stored.0.extend(new);
        let size = n + 1;
        let root = tree::root(&all[..size as usize]);
        assert_eq!(tlog::tree_hash(size, &stored).unwrap(), theirs(&root));
        let mut mem = Mem(all.clone());
        for index in 0..size {
            let ours = inclusion(size, index, &mut mem).unwrap();
            let ours: Vec<_> = ours.iter().map(theirs).collect();
            assert_eq!(tlog::prove_record(size, index, &stored).unwrap(), ours);
            let leaf = theirs(&all[index as usize]);
            tlog::check_record(&ours, size, theirs(&root), index, leaf).unwrap();
        }
        for old in 1..=size {
            let ours = consistency(old, size, &mut mem).unwrap();
            let ours: Vec<_> = ours.iter().map(theirs).collect();
            assert_eq!(tlog::prove_tree(size, old, &stored).unwrap(), ours);
            let old_root = theirs(&tree::root(&all[..old as usize]));
            tlog::check_tree(&ours, size, theirs(&root), old, old_root).unwrap();
        }
    }
}

proptest! {
    #[test]
    fn entries_and_skipped_nodes_make_up_the_root(
        size in 1..200_u64, picks in proptest::collection::btree_set(0..200_u64, 0..40),
        spoil in any::<prop::sample::Index>(),
    ) {
        let all = leaves(size);
        let root = tree::root(&all);
        let entries: Vec<_> =
            picks.into_iter().filter(|n| *n < size).map(|n| (n, all[n as usize])).collect();
        let seqs: Vec<_> = entries.iter().map(|(n, _)| *n).collect();
        let mut mem = Mem(all);
        let mut nodes: Vec<_> = skipped(size, &seqs)
            .into_iter()
            .map(|(level, index)| (level, index, mem.node(level, index).unwrap()))
            .collect();
        prop_assert_eq!(root_with(size, &entries, &nodes), Ok(root));

        if let Some((first, rest)) = entries.split_first() {
            prop_assert!(root_with(size, rest, &nodes).is_err());
            let twice: Vec<_> = entries.iter().copied().chain([*first]).collect();
            prop_assert!(root_with(size, &twice, &nodes) != Ok(root));
        }
        if !nodes.is_empty() {
            let at = spoil.index(nodes.len());
            let node = nodes[at];
            nodes[at] = (node.0, node.1 + 1, node.2);
            prop_assert_eq!(root_with(size, &entries, &nodes), Err(ProofError::Shape));
            nodes[at] = (node.0, node.1, Hash([9; 32]));
            prop_assert!(root_with(size, &entries, &nodes) != Ok(root));
            nodes[at] = node;
            nodes.push(node);
            prop_assert_eq!(root_with(size, &entries, &nodes), Err(ProofError::Shape));
            nodes.truncate(nodes.len() - 2);
            prop_assert_eq!(root_with(size, &entries, &nodes), Err(ProofError::Shape));
        }
    }

    #[test]
    fn sizes_from_strangers_do_not_panic(
        a in any::<u64>(), b in any::<u64>(), n in 0..70_usize, entry in any::<u64>(),
    ) {
        let (proof, root) = (vec![Hash([1; 32]); n], Hash([2; 32]));
        prop_assert!(verify_inclusion(a, b, &root, &proof, &root).is_err());
        prop_assert!(verify_consistency(a.max(1), &root, b, &Hash::ZERO, &proof).is_err());
        prop_assert!(root_with(a, &[(entry, root)], &[]) != Ok(Hash::ZERO));
        tree::inclusion_needs(a, b);
        tree::consistency_needs(a, b);
        skipped(a, &[entry % a.max(1)]);
    }
}
