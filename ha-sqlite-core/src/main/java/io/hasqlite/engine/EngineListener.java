package io.hasqlite.engine;

import io.hasqlite.apply.ApplyListener;
import io.hasqlite.commit.CommitListener;

/** Hears what an engine does, on the thread that does it. For counters: no I/O, no exception. */
public interface EngineListener extends ApplyListener, CommitListener {}
