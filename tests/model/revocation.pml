/*
 * What becomes of a loss of access, from key_vault's commit to the last upload destroyed: without time,
 * with every order of steps, crashes between any two of them, messages that come late or twice or never,
 * and calls without an answer. freshness.pml is about time. docs/adr/0018 says what is left out.
 *
 *   proctype     what it is in the code
 *   KeyVault     services/key_vault/changes.h: the change and its event in one transaction (outbox.h)
 *   Receiver     common/events: follower.cc, and Applier::Push, which takes only the next event
 *   Encryption   common/events/applier.cc around services/encryption/access_event_handler.cc
 *   Restorer     services/encryption/access_restorer.cc, background.cc, work_store.cc
 *   Probe        services/encryption/key_unlocker.cc: a refusal counts once confirmed
 *   Deployment   common/events/applier.cc around services/model_deployment/access_follower.cc
 *   Learner      services/model_deployment/workspace_handler.cc, LearnAccount
 *   Uploader     services/model_deployment/document_handler.cc
 *   Deployer     services/model_deployment/model_deployer.cc
 *   Destroyer    services/model_deployment/destroyer.cc
 *   Faults       kill -9 of a service; the end of all trouble ("the network heals")
 *
 * One account, one key. Uploads are known by the access epoch that their key is of, one an epoch. A process's
 * memory is in the variables that Crash* resets; all others stand in a database.
 *
 * Always asserted (P1): whatever is destroyed follows from a loss that key_vault has committed.
 * At the end of every run (P2): every loss has taken its full effect, once; and access is back if it was
 * given back. That every run ends is checked apart (pan -l: no cycle at all).
 * With -DVAULT_EVENTS=0 (P4): nothing is lost, whatever else happens, and nothing is destroyed.
 */
#ifndef VAULT_EVENTS
#define VAULT_EVENTS 4 /* taken away, given back, taken away, given back */
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef SILENCES
#define SILENCES 1 /* calls without an answer, and messages that come twice */
#endif
#define LOSSES 2
#define LOG 5 /* sequences start at 1 */

#define MAX(a, b) ((a) > (b) -> (a) : (b))

byte crashes = CRASHES;
byte silences = SILENCES;

/* key_vault */
bool v_taken;
byte v_newest;
bool v_is_loss[LOG];
byte v_losses; /* how many were committed, for the assertions */

/* encryption */
byte e_cursor;
byte e_newest;
bool e_is_loss[LOG];
byte e_epoch_of[LOG];
bool e_denied;
byte e_epoch;
byte e_keys_from; /* the keys of uploads of older epochs are destroyed */
byte e_work;      /* the event that asks for a try to restore access */
/* its memory */
byte e_received;
byte r_event; /* the restorer's: what it tries for, and 1 + the sequence that it saw */
byte r_seen;
byte p_step; /* the probe's, with the account's revision and the sequence that it saw */
byte p_revision;
byte p_seen;

/* model_deployment */
byte m_cursor;
bool m_known;
bool m_denied;
byte m_epoch;
byte m_deployed; /* 1 + the epoch in which a model was deployed by hand */
mtype = { NONE, STORED, CONDEMNED, GONE };
mtype m_upload[LOSSES + 1] = NONE;
byte m_upload_loss[LOSSES + 1]; /* which loss condemned it */
mtype = { DESTROYING, CONFIRMED, DONE };
mtype m_loss[LOSSES + 1] = NONE;
/* its memory */
byte l_answer; /* 1 + the state of encryption that an answer under way tells of */
bool l_denied;
byte u_epoch; /* 1 + the epoch of an upload under way */

/* AccessTransitions::Lose, in the transaction that is open */
inline Lose() {
  e_keys_from = MAX(e_keys_from, e_epoch + 1);
  e_epoch++;
  e_denied = true;
  e_newest++;
  e_is_loss[e_newest] = true;
  e_epoch_of[e_newest] = e_epoch;
  assert(e_epoch <= v_losses); /* P1: the keys die by a committed loss, each loss kills once */
}

inline CrashEncryption() {
  e_received = e_cursor;
  r_event = 0; r_seen = 0; p_step = 0; p_revision = 0; p_seen = 0;
}

inline CrashDeployment() {
  l_answer = 0; l_denied = false; u_epoch = 0;
}

active proctype KeyVault() {
  do
  :: v_newest < VAULT_EVENTS ->
#ifdef FAULT_EVENT_AFTER_CHANGE
    atomic {
      v_taken = !v_taken;
      v_losses = v_losses + v_taken;
      if
      :: crashes > 0 -> crashes--; break /* before it was published */
      :: true -> v_newest++; v_is_loss[v_newest] = v_taken
      fi
    }
#else
    atomic {
      v_taken = !v_taken;
      v_losses = v_losses + v_taken;
      v_newest++;
      v_is_loss[v_newest] = v_taken
    }
#endif
  :: true -> break
  od
}

active proctype Receiver() {
  end: do
  :: atomic { e_received < v_newest -> e_received++ }
  /* one that was taken already comes again */
  :: atomic { silences > 0 && e_received > 0 ->
      silences--;
#ifdef FAULT_APPLY_REPEATS
      e_cursor--
#endif
    }
  od
}

inline ApplyVaultEvent() {
  e_cursor++;
  if
#ifdef FAULT_LOOK_AT_STATE
  :: v_is_loss[e_cursor] && !e_denied && v_taken -> Lose()
#else
  :: v_is_loss[e_cursor] && !e_denied -> Lose()
#endif
  :: !v_is_loss[e_cursor] && e_denied -> e_work = e_cursor
  :: else
  fi
}

active proctype Encryption() {
  end: do
#ifdef FAULT_CURSOR_FIRST
  :: e_cursor < e_received ->
    e_cursor++;
    if
    :: crashes > 0 -> crashes--
    :: atomic { true -> e_cursor--; ApplyVaultEvent() }
    fi
#else
  :: atomic { e_cursor < e_received -> ApplyVaultEvent() }
#endif
  od
}

/* A try ends with access restored, with a final refusal, or without an answer: then it is repeated. */
active proctype Restorer() {
  end: do
  :: atomic { r_event == 0 && e_work > 0 -> r_event = e_work }
  :: atomic { r_event > 0 && r_seen == 0 && silences > 0 -> silences--; r_event = 0 }
  :: atomic { r_event > 0 && r_seen == 0 && v_taken ->
      if
      :: e_work == r_event -> e_work = 0
      :: else
      fi;
      r_event = 0
    }
  :: atomic { r_event > 0 && r_seen == 0 && !v_taken -> r_seen = 1 + v_newest }
  /* BindingFacts::Hold: all that was seen is applied here, and nothing later */
  :: atomic { r_seen > 0 && e_cursor + 1 >= r_seen ->
      if
      :: e_denied && e_cursor + 1 == r_seen ->
        e_denied = false;
        e_newest++;
        e_is_loss[e_newest] = false;
        e_epoch_of[e_newest] = e_epoch
      :: else
      fi;
      if
      :: e_work == r_event && !e_denied -> e_work = 0
      :: else
      fi;
      r_event = 0; r_seen = 0
    }
  od
}

active proctype Probe() {
  byte probes = 1;
  end: do
  :: atomic { probes > 0 && p_step == 0 && !e_denied ->
      probes--;
      if
      :: v_taken -> p_step = 1; p_revision = e_newest
      :: !v_taken
      :: silences > 0 -> /* no answer: suspended, no more */
        silences--;
#ifdef FAULT_OUTAGE_IS_LOSS
        Lose()
#endif
      fi
    }
#ifdef FAULT_UNCONFIRMED_REFUSAL
  :: atomic { p_step == 1 ->
      if
      :: !e_denied -> Lose()
      :: else
      fi;
      p_step = 4
    }
#endif
  :: atomic { p_step == 1 -> p_seen = v_newest; p_step = 2 }
  :: atomic { p_step == 2 && e_cursor >= p_seen ->
      if
      :: e_denied || !v_taken -> p_step = 4
      :: else -> p_step = 3
      fi
    }
  :: atomic { p_step == 3 ->
      if
      :: !e_denied && e_newest == p_revision -> Lose()
      :: else
      fi;
      p_step = 4
    }
  od
}

inline ApplyAccessLost() {
  if
  :: m_loss[e_epoch_of[m_cursor]] == NONE -> m_loss[e_epoch_of[m_cursor]] = DESTROYING
  :: else
  fi;
  for (i : 0 .. LOSSES) {
    if
#ifdef FAULT_CONDEMN_ALL
    :: m_upload[i] == STORED ->
#else
    :: m_upload[i] == STORED && i < e_epoch_of[m_cursor] ->
#endif
      m_upload[i] = CONDEMNED;
      m_upload_loss[i] = e_epoch_of[m_cursor]
    :: else
    fi
  }
  if
  :: m_known && m_epoch >= e_epoch_of[m_cursor]
  :: else ->
    m_known = true;
    m_denied = true;
    m_epoch = e_epoch_of[m_cursor];
    m_deployed = 0
  fi
}

active proctype Deployment() {
  byte i;
  end: do
  :: d_step { m_cursor < e_newest ->
      m_cursor++;
      if
      :: e_is_loss[m_cursor] -> ApplyAccessLost()
      :: !e_is_loss[m_cursor] && m_known && m_epoch > e_epoch_of[m_cursor]
      :: else -> m_known = true; m_denied = false; m_epoch = e_epoch_of[m_cursor]
      fi;
      i = 0
    }
  od
}

/* The account is asked for once, by the first to use it, if the feed has not told of it before. */
active proctype Learner() {
  end: do
  :: atomic { !m_known && l_answer == 0 -> l_answer = 1 + e_epoch; l_denied = e_denied }
  :: atomic { l_answer > 0 ->
      if
      :: !m_known -> m_known = true; m_denied = l_denied; m_epoch = l_answer - 1
      :: else
      fi;
      l_answer = 0; l_denied = false
    }
  od
}

active proctype Uploader() {
  end: do
  :: atomic { m_known && !m_denied && !e_denied && u_epoch == 0 && m_epoch == e_epoch &&
      m_upload[e_epoch] == NONE ->
      u_epoch = 1 + e_epoch
    }
  :: atomic { u_epoch > 0 ->
      if
      :: !m_denied && m_epoch + 1 == u_epoch -> m_upload[m_epoch] = STORED
      :: else
      fi;
      u_epoch = 0
    }
  od
}

active proctype Deployer() {
  end: do
  :: atomic { m_known && !m_denied && m_deployed == 0 -> m_deployed = 1 + m_epoch }
  od
}

active proctype Destroyer() {
  byte i;
  end: do
  :: atomic { silences > 0 && (m_loss[1] == DESTROYING || m_loss[2] == DESTROYING) ->
      silences--; /* DestroyScope has no answer: again later */
#ifdef FAULT_GIVE_UP
      m_loss[1] = DONE
#endif
    }
  :: d_step { m_loss[1] == DESTROYING || m_loss[2] == DESTROYING ->
      i = (m_loss[1] == DESTROYING -> 1 : 2);
      e_keys_from = MAX(e_keys_from, i); /* DestroyScope up to the epoch before */
      assert(e_keys_from <= v_losses);   /* P1 */
      m_loss[i] = CONFIRMED;
      i = 0
    }
  :: d_step { m_upload[0] == CONDEMNED && m_loss[m_upload_loss[0]] == CONFIRMED ->
      assert(v_losses > 0); /* P1: at least one loss since its epoch began */
      m_upload[0] = GONE
    }
  :: d_step { m_upload[1] == CONDEMNED && m_loss[m_upload_loss[1]] == CONFIRMED ->
      assert(v_losses > 1);
      m_upload[1] = GONE
    }
  :: d_step { m_loss[1] == CONFIRMED &&
      !(m_upload[0] == CONDEMNED && m_upload_loss[0] == 1) -> m_loss[1] = DONE
    }
  :: d_step { m_loss[2] == CONFIRMED &&
      !(m_upload[0] == CONDEMNED && m_upload_loss[0] == 2) &&
      !(m_upload[1] == CONDEMNED && m_upload_loss[1] == 2) -> m_loss[2] = DONE
    }
  od
}

active proctype Faults() {
  do
  :: atomic { crashes > 0 -> crashes--; CrashEncryption() }
  :: atomic { crashes > 0 -> crashes--; CrashDeployment() }
  :: atomic { true -> crashes = 0; silences = 0; break }
  od;
  /* When nothing can happen any more: */
  timeout ->
#ifdef WITNESS_DESTROYED
  assert(m_upload[0] != GONE);
#endif
#ifdef WITNESS_RESTORED
  assert(e_newest < 4 || e_denied);
#endif
  assert(e_cursor == v_newest && m_cursor == e_newest);
  assert(e_denied == v_taken && m_denied == e_denied && m_epoch == e_epoch);
  assert(v_losses == 0 || e_epoch > 0);
  /* What is there is of the present epoch, and nothing is there without access. */
  assert(!e_denied || (m_upload[e_epoch] == NONE && m_deployed == 0));
  assert(m_deployed == 0 || m_deployed == 1 + e_epoch);
  assert(e_epoch == 0 || m_upload[0] == NONE || m_upload[0] == GONE);
  assert(e_epoch <= 1 || m_upload[1] == NONE || m_upload[1] == GONE);
  assert(m_upload[e_epoch] != CONDEMNED && m_upload[e_epoch] != GONE);
  assert(e_keys_from == e_epoch);
  assert((e_epoch >= 1) == (m_loss[1] == DONE) && (e_epoch >= 2) == (m_loss[2] == DONE));
}
