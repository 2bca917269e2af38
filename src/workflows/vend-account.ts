import type { VendRequest, VendResult } from '../contract';
import type { VendMemory } from '../domain/memory';
import { handedOver } from './handed-over';
import { admit } from './stages/admit';
import { approve } from './stages/approve';
import { bringIn } from './stages/bring-in';
import { conform } from './stages/conform';
import { create } from './stages/create';
import { place } from './stages/place';
import { ready } from './stages/ready';
import { settle } from './stages/settle';
import { endBadly } from './stages/end-badly';
import { Vend } from './vend';

/**
 * Vends one account, from the request to "ready": admitted, approved where that is asked for, created exactly once, placed,
 * usable and settled where that is asked for, and covered by the organization's conformance packs. It takes one JSON object; `carried` is what it
 * hands to itself when it continues as new.
 */
export async function vendAccount(request: VendRequest, carried?: VendMemory): Promise<VendResult> {
  const vend = new Vend(request, handedOver(carried));
  try {
    await admit(vend);
    await approve(vend);
    const { existingAccountId } = vend.admission.request;
    await (existingAccountId ? bringIn(vend, existingAccountId) : create(vend));
    await place(vend);
    await ready(vend);
    await settle(vend);
    await conform(vend);
    await vend.end('done');
    return vend.result();
  } catch (error) {
    throw await endBadly(vend, error);
  }
}
