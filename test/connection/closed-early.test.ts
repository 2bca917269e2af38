import { once } from 'node:events';
import { Connection } from '@temporalio/client';
import { callInterceptors } from '../../src/connection';
import { GrpcStatus, grpcProxy } from '../cli/grpc-proxy';
import { withDevServer } from '../support/temporal';

const NAMESPACES = '/temporal.api.workflowservice.v1.WorkflowService/DescribeNamespace';

test('a connection that is closed before a call is tried again: the call fails, and the process goes on', () =>
  withDevServer(
    async (dev) => {
      const asked = new EventTarget();
      const ill = await grpcProxy(dev.address, (path) => {
        if (path !== NAMESPACES) return undefined;
        asked.dispatchEvent(new Event('once'));
        return GrpcStatus.unavailable;
      });
      const connection = await Connection.connect({
        address: ill.address,
        interceptors: callInterceptors(),
      });
      const first = once(asked, 'once');
      const call = connection.workflowService
        .describeNamespace({ namespace: 'default' })
        .catch((error: unknown) => error);
      await first;
      await connection.close();
      expect(await call).toMatchObject({ code: 1, details: 'Channel has been shut down' });
      await ill.close();
    },
    { ui: false },
  ));

test('one that stays open tries again', () =>
  withDevServer(
    async (dev) => {
      let calls = 0;
      const ill = await grpcProxy(dev.address, (path) => {
        if (path !== NAMESPACES) return undefined;
        calls += 1;
        return calls < 3 ? GrpcStatus.unavailable : undefined;
      });
      const connection = await Connection.connect({
        address: ill.address,
        interceptors: callInterceptors(),
      });
      const { namespaceInfo } = await connection.workflowService.describeNamespace({
        namespace: dev.namespace ?? 'default',
      });
      expect([namespaceInfo?.name, calls]).toEqual([dev.namespace ?? 'default', 3]);
      await connection.close();
      await ill.close();
    },
    { ui: false },
  ));
