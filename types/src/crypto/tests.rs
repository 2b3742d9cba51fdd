use super::*;
#[test]
fn smoke() {
    let keys: Vec<_> = (0..40u8).map(|i| SecretKey::from_seed([i; 32])).collect();
    let mut cache = KeyCache::new();
    let mut batch = BatchVerifier::new();
    for i in 0..1000usize {
        let k = &keys[i % 40];
        let m = [i as u8; 50];
        let s = k.sign(&m);
        let v = cache.verifying_key(k.public_key()).unwrap();
        v.verify(&m, &s).unwrap();
        batch.push(v, if [3, 700, 701].contains(&i) { b"x" } else { &m }, &s);
    }
    assert_eq!(batch.verify(), Err(vec![3, 700, 701]));
}
