//! Equal pieces of memory that are used again, and writes to them that are decided on later.

/// Values by place.
pub(super) struct Arena<T> {
    values: Vec<T>,
    free: Vec<u32>,
}

/// Writes to an arena that have not happened. The arena must not change until they do.
pub(super) struct Writes<T> {
    written: Vec<(u32, T)>,
    freed: Vec<u32>,
    /// How many places of the arena's free list are in use.
    reused: usize,
    /// The next place after the arena's end.
    end: u32,
}

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Self {
            values: Vec::new(),
            free: Vec::new(),
        }
    }
}

impl<T: Copy> Arena<T> {
    pub(super) fn get(&self, place: u32) -> &T {
        let index = usize::try_from(place).ok();
        match index.and_then(|index| self.values.get(index)) {
            Some(value) => value,
            None => unreachable!("the tree points at places that it wrote"),
        }
    }

    #[cfg(test)]
    pub(super) fn in_use(&self) -> usize {
        self.values.len() - self.free.len()
    }

    /// No writes yet.
    pub(super) fn writes(&self) -> Writes<T> {
        Writes {
            written: Vec::new(),
            freed: Vec::new(),
            reused: 0,
            end: length(&self.values),
        }
    }

    pub(super) fn apply(&mut self, writes: Writes<T>) {
        let kept = self.free.len().saturating_sub(writes.reused);
        self.free.truncate(kept);
        self.free.extend(writes.freed);
        for (place, value) in writes.written {
            let index = usize::try_from(place).unwrap_or(usize::MAX);
            match self.values.get_mut(index) {
                Some(slot) => *slot = value,
                // New places are written in any order: this one fills what is before it.
                None => {
                    let missing = index.saturating_add(1).saturating_sub(self.values.len());
                    self.values.extend(std::iter::repeat_n(value, missing));
                }
            }
        }
    }
}

impl<T: Copy> Writes<T> {
    /// Writes a value to a place that is in use.
    pub(super) fn set(&mut self, place: u32, value: T) {
        self.written.push((place, value));
    }

    /// Writes a value to a new place.
    pub(super) fn insert(&mut self, arena: &Arena<T>, value: T) -> u32 {
        self.reused = self.reused.saturating_add(1);
        let index = arena.free.len().checked_sub(self.reused);
        let place = match index.and_then(|index| arena.free.get(index)) {
            Some(place) => *place,
            None => {
                self.reused = self.reused.saturating_sub(1);
                let place = self.end;
                assert!(place < u32::MAX, "more than four thousand million nodes");
                self.end = place.saturating_add(1);
                place
            }
        };
        self.written.push((place, value));
        place
    }

    /// A place is no longer in use.
    pub(super) fn free(&mut self, place: u32) {
        self.freed.push(place);
    }
}

fn length<T>(values: &[T]) -> u32 {
    match u32::try_from(values.len()) {
        Ok(length) => length,
        Err(_) => unreachable!("more than four thousand million nodes"),
    }
}
