/*
 * When a revoking call returns, it is over, everywhere: leases on drifting clocks, acknowledgements that wait
 * for those further down, crashes, and messages that are lost or late. revocation.pml is about what a loss
 * destroys. docs/adr/0018 says what is left out.
 *
 *   proctype    what it is in the code
 *   KeyVault    a publisher: services/key_vault/changes.h, common/events/feed.h, feed_session.cc
 *   Encryption  a consumer that publishes on: common/events/applier.cc, acknowledger.cc, lease.cc, and
 *               feed_session.cc again; services/encryption/key_gate.cc, access_event_handler.cc
 *   Deployment  the last consumer: services/model_deployment/access_gate.cc, access_follower.cc
 *   Time        common/clock: CLOCK_BOOTTIME of three machines
 *
 *   link[l]     a Follower and its FeedSession: 0 from encryption to key_vault, 1 from model_deployment on
 *     age       how long ago the heartbeat was asked for, on the consumer's clock (Subscription::NextRequest)
 *     server    the same on the publisher's clock, for a request that took no time
 *     newest    what the answer tells (FeedSession::Answer), and for how long it is good
 *     lease     what remains of the consumer's Lease; believed: of what ConsumerTable holds of it
 *   v_left      what remains of the wait of a revoking call (DeliveryProgress), e_left: of the Acknowledger's
 *
 * That a message is lost (a heartbeat then ends when its lease would), late or repeated, that a service is cut off, slow or down, all look alike: a step comes
 * later or not at all. Of steps that may come at any time, those that are worst for what is asserted are made
 * one: the answer reads all it tells the moment the lease is granted, since what it reads later only makes the
 * consumer wait for more events. A gate shuts with the transaction, since nothing counts on it before.
 *
 * Odd events take access away, even ones give it back. Time is what encryption's clock shows; the other two clocks
 * are off by at most one tick over any stretch of it. So key_vault may see a lease of encryption's last a tick
 * longer, and so may model_deployment what it is promised of it: the margin must be two ticks.
 *
 * Asserted after each step (P3): once a revoking call has returned, nobody is open, until access is given back.
 * With -DSILENCE (P4): whoever has not been in touch with key_vault for a lease and a margin is not open.
 */
#ifndef VAULT_EVENTS
#define VAULT_EVENTS 3
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#define LEASE 2
#ifndef MARGIN
#define MARGIN 2
#endif
#define BELIEF (LEASE + MARGIN)

#define LATER(a, b) ((a) > (b) -> (a) : (b))
#define MINUS(a, b) ((a) > (b) -> (a) - (b) : 0)

#define IDLE 0
#define ASKED 1
#define READ 2 /* only where a fault reads before it grants */
#define ANSWERED 3
typedef Link {
  byte state;
  byte age;
  byte server;
  byte newest;
  byte promised;
  byte lease;
  byte believed;
  byte acked;
};
Link link[2];

byte crashes = CRASHES;
bool v_ahead; /* whether a clock is one tick ahead of encryption's */
bool m_ahead;

byte v_newest;
byte v_call; /* the event that a revoking call waits for */
byte v_left;
bool returned; /* the call for the newest event has returned, and that takes access away */
byte unheard;   /* how long key_vault has not heard of encryption, on encryption's clock */

byte e_cursor;
byte e_newest;
byte e_seen;   /* 1 + what a try to restore access has seen */
byte e_target; /* what the acknowledger will acknowledge, and what it waits for */
byte e_own;
byte e_left;
byte e_delivered; /* own events that are delivered */

byte m_cursor;

#ifdef FAULT_NO_SUSPENSION
#define FRESH(l) true
#else
#define FRESH(l) (link[l].lease > 0)
#endif
#define E_OPEN (e_newest % 2 == 0 && FRESH(0))
#define M_OPEN (m_cursor % 2 == 0 && FRESH(1))

inline Forget(l) {
  link[l].state = IDLE; link[l].age = 0; link[l].server = 0;
  link[l].newest = 0; link[l].promised = 0
}

/* --- time --- */

inline Advance(is_ahead, step) {
  if
  :: step = 1
  :: is_ahead -> step = 0; is_ahead = false
  :: !is_ahead -> step = 2; is_ahead = true
  fi
}

inline Pass(l, publisher, consumer) {
  link[l].believed = MINUS(link[l].believed, publisher);
  link[l].lease = MINUS(link[l].lease, consumer);
  if
  :: link[l].state != IDLE ->
    link[l].age = link[l].age + consumer;
    if
    :: link[l].state != ANSWERED -> link[l].server = link[l].server + publisher
    :: else
    fi;
    if
    :: link[l].age >= LEASE -> Forget(l)
    :: else
    fi
  :: else
  fi
}

active proctype Time() {
  byte v, m;
  end: do
  :: atomic {
      Advance(v_ahead, v); Advance(m_ahead, m);
      Pass(0, v, 1); Pass(1, 1, m);
      v_left = MINUS(v_left, v);
      e_left = MINUS(e_left, 1);
#ifdef SILENCE
      unheard = (unheard > BELIEF -> unheard : unheard + 1);
#endif
      v = 0; m = 0
    }
  od
}

/* --- both halves of a link --- */

inline Grant(l) {
  link[l].believed = LATER(link[l].believed, MINUS(BELIEF, link[l].server));
  link[l].server = 0;
  link[l].state = ANSWERED
}

inline Count(l) { /* Lease::Promote */
#ifdef FAULT_COUNT_FROM_ANSWER
  link[l].lease = LATER(link[l].lease, link[l].promised);
#else
  link[l].lease = LATER(link[l].lease, MINUS(link[l].promised, link[l].age));
#endif
  Forget(l)
}

inline Restart(l) { /* ConsumerTable::Merge */
#ifdef FAULT_FORGET_LEASES
  link[l].believed = 0;
#else
  link[l].believed = BELIEF;
#endif
  if
  :: link[l].state == READ -> Forget(l)
  :: else
  fi
}

/* --- the services --- */

active proctype KeyVault() {
  end: do
  :: atomic { v_newest < VAULT_EVENTS -> v_newest++; returned = false; v_call = 0; v_left = 0 }
  /* The call for the newest event, or one like it after a crash */
  :: atomic { v_newest % 2 == 1 && v_call == 0 && !returned ->
      v_call = v_newest;
      v_left = link[0].believed
    }
  :: atomic { v_call > 0 && (link[0].acked >= v_call || v_left == 0) ->
      returned = true; v_call = 0; v_left = 0
    }
#ifdef FAULT_RETURN_AT_ONCE
  :: atomic { v_call > 0 -> returned = true; v_call = 0; v_left = 0 }
#endif
#ifdef FAULT_GRANT_LAST
  :: atomic { link[0].state == ASKED -> link[0].newest = v_newest; link[0].state = READ }
  :: atomic { link[0].state == READ -> link[0].promised = LEASE; Grant(0); unheard = 0 }
#else
  :: atomic { link[0].state == ASKED ->
      link[0].newest = v_newest; link[0].promised = LEASE; Grant(0); unheard = 0
    }
#endif
  :: atomic { crashes > 0 -> crashes--; v_call = 0; v_left = 0; Restart(0) }
  od
}

active proctype Encryption() {
  end: do
  :: atomic { e_cursor < v_newest ->
      e_cursor++;
      if
      :: e_cursor % 2 == 1 && e_newest % 2 == 0 -> e_newest++
      :: else
      fi
    }
  /* The vault answers that all is in order; BindingFacts::Hold */
  :: atomic { e_newest % 2 == 1 && e_seen == 0 && v_newest % 2 == 0 -> e_seen = 1 + v_newest }
  :: atomic { e_seen > 0 && e_cursor + 1 >= e_seen ->
      if
      :: e_cursor + 1 == e_seen && e_newest % 2 == 1 -> e_newest++
      :: else
      fi;
      e_seen = 0
    }
  /* Acknowledger */
  :: atomic { e_target == 0 && link[0].acked < e_cursor ->
      e_target = e_cursor;
      e_own = e_newest;
      e_left = (e_own > e_delivered -> link[1].believed : 0)
    }
#ifdef FAULT_ACKNOWLEDGE_EARLY
  :: atomic { e_target > 0 ->
#else
  :: atomic { e_target > 0 && (e_own <= e_delivered || link[1].acked >= e_own || e_left == 0) ->
#endif
      link[0].acked = e_target;
      e_delivered = LATER(e_delivered, e_own);
      e_target = 0; e_own = 0; e_left = 0
    }
  :: atomic { link[0].state == IDLE -> link[0].state = ASKED }
  :: atomic { link[0].state == ANSWERED && link[0].newest <= e_cursor -> Count(0) }
  /* its own feed */
#ifdef FAULT_READ_BEFORE_PROMISE
  :: atomic { link[1].state == ASKED -> link[1].newest = e_newest; link[1].state = READ }
  :: atomic { link[1].state == READ -> link[1].promised = link[0].lease; Grant(1) }
#else
  :: atomic { link[1].state == ASKED ->
      link[1].newest = e_newest;
#ifdef FAULT_PROMISE_A_WHOLE_LEASE
      link[1].promised = LEASE;
#else
      link[1].promised = link[0].lease;
#endif
      Grant(1)
    }
#endif
  :: atomic { crashes > 0 ->
      crashes--;
      e_seen = 0; e_target = 0; e_own = 0; e_left = 0; e_delivered = 0;
      link[0].lease = 0; Forget(0);
      Restart(1)
    }
  od
}

active proctype Deployment() {
  end: do
  :: atomic { m_cursor < e_newest -> m_cursor++ }
  :: atomic { link[1].acked < m_cursor -> link[1].acked = m_cursor }
  :: atomic { link[1].state == IDLE -> link[1].state = ASKED }
  :: atomic { link[1].state == ANSWERED && link[1].newest <= m_cursor -> Count(1) }
  :: atomic { crashes > 0 -> crashes--; link[1].lease = 0; Forget(1) }
  od
}

active proctype Monitor() {
  end: do
#ifdef WITNESS_ACKNOWLEDGED
  :: atomic { returned && link[0].acked == v_newest && link[1].acked == e_newest -> assert(false) }
#endif
#ifdef WITNESS_WAITED_OUT
  :: atomic { returned && link[0].acked < v_newest && link[1].believed > 0 -> assert(false) }
#endif
#ifdef WITNESS_OPEN_AGAIN
  :: atomic { m_cursor == 2 && M_OPEN -> assert(false) }
#endif
#ifdef SILENCE
  :: atomic { unheard > BELIEF && (E_OPEN || M_OPEN) -> assert(false) }
#endif
  :: atomic { returned && (E_OPEN || M_OPEN) -> assert(false) }
  od
}
